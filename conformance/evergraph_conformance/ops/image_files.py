"""Cases of images in the formats of files."""

import base64
import struct
import zlib

import numpy as np

from evergraph_conformance.cases import array, case, spread

RGB = base64.b85decode(
    "|JeWF01!$>Nk#wx0RaIl0W1Ij|JwjV01XKW3knDg3knMk4h;_zAQcl55)&sJ9v2`kDKRiEDJ?8BI!Zn>HbyrrEkIX6Mo"
    "dmpQ&KWMT47pHU`kO^PygEhLjevB4iga*CKVMXPc<zyPft%zPft%zPft%zPft%zPft%zPft%zPft%zPft%zPft%zPft%"
    "zPft%zPft%zPf!2A01*fP695$h0U`hb5di}c0sq7R9{>OW1pxs80RaI300000000010s{mE1_uZU3Jd?l0JRVR0s#X90"
    "t5pE1q1{D00Dgg0s{a95d{(<F+m0sQDFxnaTGFvk)a49Lb1UWQqk}vGh%Xr2?`b$7#SKRCMPH<Dl|1VH#j*uLqtVJM@U"
    "IZQ&d$}S6EqEV`OD!XJ~0^b98lfcX)YvgM@{Khlq)al9QB`mY0~BnxdnmrKYE-sj9NGw6(UkxVgH*!^FkL$H>Xb($mz{"
    "*4NnC+Tr5k<mKk)=;`Y5^7Hid_V@Vt`v1fL9{~UZ0RaI40RaI40RR91000010s{mE1_uZU3Jd?l0JRYS0s#U91Oo&I1q"
    "1{D0Rndb0RjUN1O*{61`<J02Vrp&A~Jyp6he`qvB3!=Gg9ysVsg<679=#`CGi&+85$-"
    "hC@Cs6Ha9pqIzvQ7Mn_0VN>fx-"
    "R##YAT4Q8oW@l(=YIAgTc6WGrdV+(5g@%WSiHeewl$Dm3n3<ZQqok##r>Lo_va__cwzs&sy28W6#m2|T$;#5x)YaD4*x"
    "B0R<K*S$=jiF`^7Hid_V@Vt`v2Mh3<CiG0ucid06zel&ruVnmzuA8rsVmGyw)zCBg1+DBn<Oi!ufO9lfi6NRBH`Km2Sm"
    "}pR}5z4UTT!{M(_7xES}Mv$ZIsOQs6g=hlkC7%53zow27*3zV@kD%}zQ2DYpve<Y2^j0z~K#s2`jBZmX6X%%myMx2&VP"
    "rVdTUaAVe8$bWq"
)
FINE = base64.b85decode(
    "|JeWF01!$>Nk#wx0RaIl0W1Ij|JwjV01XKW3knDg3knMk4h;_zAQcl55)&sJ9v2`kDKRiEDJ?8BI!Zn>HbyrrEkIX6Mo"
    "dmpQ&KWMT47pHU`kO^PygEhLjevB4iga*CKVMXPc<zyPft%zPft%zPft%zPft%zPft%zPft%zPft%zPft%zPft%zPft%"
    "zPft%zPft%zPf!2A01*fP5daAT0TBQK5di}c0sq7R9{>OW1pxs80RaI300000000010s{mE1_uZU3Jd?l0JRVR0s#X90"
    "t5pE1q1{D00Dgg0s{a95d{(<F+m0sQDFxnaTGFvk)a49Lb1UWQqk}vGh%Xr2?`b$7#SKRCMPH<Dl|1VH#j*uLqtVJM@U"
    "IZQ&d$}S6EqEV`OD!XJ~0^b98lfcX)YvgM@{Khlq)al9QB`mY0~BnxdnmrKYE-sj9NGw6(UkxVgH*!^FkL$H>Xb($mz{"
    "*4NnC+Tr5k<mKk)=;`Y5^7Hid_V@Vt`v1fL9{~UZ0RaI40RaI40RR91000010s{mE1_uZU3Jd?l0JRYS0s#U91Oo&I1q"
    "1{D0Rndb0RjUN1O*{61`<J02Vrp&A~Jyp6he`qvB3!=Gg9ysVsg<679=#`CGi&+85$-"
    "hC@Cs6Ha9pqIzvQ7Mn_0VN>fx-"
    "R##YAT4Q8oW@l(=YIAgTc6WGrdV+(5g@%WSiHeewl$Dm3n3<ZQqok##r>Lo_va__cwzs&sy28W6#m2|T$;#5x)YaD4*x"
    "B0R<K*S$=jiF`^7Hid_V@Vt`v2Mh3<CiG0ucid06zel(@_(rluzYRgQ0(Uo$*SP3A}~&uV0aNIR3J7_ENl8n@Pa*tYZ~"
    "U0><JkqB^g(5AQ8=ePr@4Bbbx^KR*Fm;yweWzU<boAd~;u"
)
PROGRESSIVE = base64.b85decode(
    "|JeWF01!$>Nk#wx0RaIl0W1Ij|JwjV01XKW3knDg3knMk4h;_zAQcl55)&sJ9v2`kDKRiEDJ?8BI!Zn>HbyrrEkIX6Mo"
    "dmpQ&KWMT47pHU`kO^PygEhLjevB4iga*CKVMXPc<zyPft%zPft%zPft%zPft%zPft%zPft%zPft%zPft%zPft%zPft%"
    "zPft%zPft%zPf!2C01*fP5&#qf0U`hb5di}c0sq7R82|wQ0|5a50000000000000021O)*D|HJ?n0RRI500000000000"
    "0000009F80{_|o3<CiG0uTcb0004$DQ*##@hSb%H9cWtfB(b)9S{Hl0R#g8000000000000065009vaF(EQS|Jncu0Ra"
    "F31p)?M8s!eqI6Z>~xq4oYxBtWd8W8{j0s{a50000000000000010}=u;GymEE2mu2D0Y3qi+0hC-"
    "Q5Qk%|HJ?s5dZ=J2LJ#70000000000000330}&G=F*5(!00;pB0RcY&c;KOBvVTI+|HJ?m5CH)J00000000000000001"
    "*Hn|Jncu0RaF8KLRE<|HJ?p5C8)J0{{R300000000000003I5J6%8+5iXv0RRC%A&hGfhhV2tjKQ3UKmXbQ3<CiG0ssR"
    "5000n#C;tHd!~ho&00RL400000000000000000A)(|Jncu0RsU6KM=);i6&67|HJ?n5dZ@L0000000000000000003o5"
    "&zl%2mt~C0Y4CRlCdSENgw~j038qk00II60{{R3000000000101+WkF=0WWvH#it2mt{A0Y4Bc{&7sXsG~7P#y1U$)%%"
    "OSH3gep5&I=V-Zui+IG_L7"
)
GRAY = base64.b85decode(
    "|JeWF01!$>Nk#wx0RaIl0W1Ij|JwjV01XKW3knDg3knMk4h;_zAQcl55)&sJ9v2`kDKRiEDJ?8BI!Zn>HbyrrEkIX6Mo"
    "dmpQ&KWMT47pHU`kO^PyfIG3kU!W01^QK5di<h03QGV0R;g80RaI400000000000RjUA1qKHQ2?`7U!~nGr00IF60|Ep"
    "C1qB2I0004f0RjU61Q7)iAu&M)6H#FYB5@QlfsvsIBSNvk6;jdgBr{@if(Z&17Z@2DB_<~*DJnEIHa9pqIzvQ7Mn_0VN"
    ">fx-"
    "R##YAT4Q8oW@l(=YIAgTc6WGrdV_?8hKGoWijtF*m6n&7nVO=bq@|{(sHv*5v$VCgx45~w!o$SH#>dFX%F@%+)z;V8+1"
    "laa<K*S$=jiF`@$&QZ_4fDp`TGCb00;pA002J#+pxb#Z1%C|7{N8jYnF|9c3lDdDzex~w0yn2DqGv>V!aUq#(jR3(`fd"
    "w-9frR$)~-VE3g>AIPd;7|Je"
)
CMYK = base64.b85decode(
    "|JeWT01iQ9Z(?NtWB>pF00RHp07C!`2?`4e2n`Dg3l0tq4-"
    "+626A}^=CmbFZATB8}FfJ)AEHgSvJ~K8(H!LkcS3yQhPEu1+GCo>iT2Nq0QBqI;+W<oW4h{|z5fdgA6(&zLEj3S1Pft%"
    "zPft%zPft%zPft%zPft%zPft%zPft%zPft%zPft%zPft%zPft%zPft%z|G)qg2mlHI3<LoY00I#K0}%lP5di<h03QGV0"
    "R;g80RaI400000000000RjUA1qKHQ2?`7U!~nGr00IF60|EpC1qB2I0004f0RjU61Q7)iAu&M)6H#FYB5@QlfsvsIBSN"
    "vk6;jdgBr{@if(Z&17Z@2DB_<~*DJnEIHa9pqIzvQ7Mn_0VN>fx-"
    "R##YAT4Q8oW@l(=YIAgTc6WGrdV_?8hKGoWijtF*m6n&7nVO=bq@|{(sHv*5v$VCgx45~w!o$SH#>dFX%F@%+)z;V8+1"
    "laa<K*S$=jiF`@$&QZ_4fDp`TGCF03QJW0|5a60RaI40RaF2000000RjUA1qKHQ2?`7U!~nGs00IF51Ox*F2L%KK009D"
    "b009C65d;MxF$NMrQ3qjh6CyH!2oyq*p|QaUBQsL)6=HJH3Kk?Z;U)1G7#SKSCnzZ@H8wXmIXXi`MMg(RNlH^xRaRG6S"
    "z2RcWoBn+X=-"
    "zHb#`}nd3u6_goTEOh>41lla!T~mzbHFqNAjxrl+W>s<N}RwYImoxw^u`#Kp$P$jQpm)6~`0*Vx(G;^XAy=I7|?>hkmS"
    "_4fDp`TGCb01gBJ00I#M5d;7LKLCR7Px2egUODSpV{2J*qk*?pX6BQ6u~-"
    "yy$XZzSR)qow#y#uGRGhUvs#tWOj(1ZYZR@xIgIl_o{{Tg;F+UqTyfW07le4Mq{VRo$o6K*R_4TgWUkUFGPzdB#|Je"
)


def scalar(value):
    return np.array(value, object)


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(size, depth, kind, lines, *chunks, interlaced=0):
    """Return a PNG file of lines that begin with their filters."""
    head = struct.pack(">IIBBBBB", *size, depth, kind, 0, 0, interlaced)
    parts = [(b"IHDR", head), *chunks, (b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(k, body) for k, body in parts)


def noise(count, seed=0, high=256):
    return spread((count,), "float64", 0, high, seed).astype(np.uint8)


def filtered(height, line, filters=(0, 1, 2, 3, 4), seed=0):
    body = noise(height * line, seed).reshape(height, line)
    return b"".join(bytes([filters[y % len(filters)]]) + body[y].tobytes() for y in range(height))


PALETTE = (b"PLTE", noise(48, 3).tobytes())
PNGS = {
    "gray": png((7, 6), 8, 0, filtered(6, 7)),
    "gray of 1 bit": png((11, 5), 1, 0, filtered(5, 2)),
    "gray of 2 bits": png((7, 5), 2, 0, filtered(5, 2)),
    "gray of 4 bits": png((7, 5), 4, 0, filtered(5, 4)),
    "gray of 16 bits": png((4, 5), 16, 0, filtered(5, 8)),
    "RGB": png((5, 6), 8, 2, filtered(6, 15)),
    "RGB of 16 bits": png((3, 5), 16, 2, filtered(5, 18)),
    "gray and alpha": png((4, 5), 8, 4, filtered(5, 8)),
    "RGBA": png((4, 6), 8, 6, filtered(6, 16)),
    "RGBA of 16 bits": png((2, 5), 16, 6, filtered(5, 16)),
    "a palette": png((6, 5), 4, 3, filtered(5, 3, (0,)), PALETTE),
    "a palette with alpha": png(
        (6, 5), 4, 3, filtered(5, 3, (0,)), PALETTE, (b"tRNS", noise(9, 4).tobytes())
    ),
    "a transparent gray": png((3, 2), 8, 0, b"\0\1\2\3\0\2\2\4", (b"tRNS", b"\0\2")),
    "a transparent colour": png((2, 1), 8, 2, b"\0\1\2\3\4\5\6", (b"tRNS", b"\0\1\0\2\0\3")),
    "interlaced": png((1, 1), 8, 0, b"\0\7", interlaced=1),
    "interlaced RGB": png(
        (9, 5),
        8,
        2,
        b"".join(
            filtered(h, 3 * w, seed=i)
            for i, (w, h) in enumerate(((2, 1), (1, 1), (3, 1), (2, 2), (5, 1), (4, 3), (9, 2)))
        ),
        interlaced=1,
    ),
    "one colour in each pixel": png((2, 1), 8, 2, b"\0\7\7\7\7\7\7"),
}
GOOD = PNGS["RGB"]
BAD_PNGS = {
    "cut off": GOOD[:60],
    "a wrong checksum": GOOD[:45] + bytes([GOOD[45] ^ 1]) + GOOD[46:],
    "too few lines": png((5, 6), 8, 2, filtered(4, 15)),
    "no such filter": png((5, 1), 8, 2, filtered(1, 15, (7,))),
    "no palette": png((6, 5), 4, 3, filtered(5, 3, (0,))),
    "no such depth": png((6, 5), 3, 3, filtered(5, 3, (0,)), PALETTE),
    "no size": png((0, 5), 8, 0, b"\0" * 5),
}


def bmp(width, height, bits, size, start=54):
    head = b"BM" + struct.pack("<IIIIiiHH", start + size, 0, start, 40, width, height, 1, bits)
    return head.ljust(start, b"\0") + noise(size).tobytes()


BMPS = {
    "24 bits": bmp(3, 2, 24, 24),
    "24 bits, upside down": bmp(3, -2, 24, 24),
    "32 bits": bmp(2, 3, 32, 24),
    "8 bits": bmp(5, 2, 8, 16),
}


def gif(*frames, size=(4, 3), colours=4):
    """Return a GIF file; each frame is (left, top, width, height, indices, transparent)."""
    made = b"GIF89a" + struct.pack("<HHBBB", *size, 0x80 | 1, 0, 0) + noise(12, 5).tobytes()
    for left, top, width, height, indices, transparent in frames:
        if transparent is not None:
            made += b"\x21\xf9\x04\x01\0\0" + bytes([transparent, 0])
        made += b"\x2c" + struct.pack("<HHHHB", left, top, width, height, 0) + b"\2"
        packed = codes(indices)
        made += bytes([len(packed)]) + packed + b"\0"
    return made + b"\x3b"


def codes(indices):
    """Return indices below 4 as codes of three bits, each after one that clears the table."""
    bits = [b for i in indices for code in (4, i) for b in (code & 1, code >> 1 & 1, code >> 2)]
    bits += [1, 0, 1]
    return np.packbits(np.array(bits, np.uint8), bitorder="little").tobytes()


FULL = [(0, 0, 4, 3, [0, 1, 2, 3] * 3, None)]
GIFS = {
    "one": gif(*FULL),
    "two": gif(*FULL, (1, 1, 2, 2, [3, 3, 0, 1], None)),
    "a transparent one": gif(*FULL, (0, 0, 4, 3, [1, 1, 2, 2] * 3, 1)),
    "cut off": gif(*FULL)[:30],
    "no such colour": gif((0, 0, 4, 3, [0, 1, 2, 3] * 3, None)).replace(b"GIF89a", b"GIF87a"),
}
JPEGS = {"RGB": RGB, "fine": FINE, "progressive": PROGRESSIVE, "gray": GRAY, "CMYK": CMYK}
NONE_OF_THEM = {"junk": b"hello", "empty": b"", "a cut off JPEG": RGB[:300], "a PNG": GOOD}
SMALL = noise(5 * 6 * 3).reshape(5, 6, 3)


def jpeg(label, data=RGB, **attributes):
    return case("DecodeJpeg", label, scalar(data), **attributes)


def crop(label, *window, data=RGB, **attributes):
    return case("DecodeAndCropJpeg", label, scalar(data), array(window, "int32"), **attributes)


CASES = [
    *(jpeg(label, data) for label, data in JPEGS.items()),
    *(jpeg(f"{label}, channels=1", data, channels=1) for label, data in JPEGS.items()),
    *(jpeg(f"{label}, channels=3", data, channels=3) for label, data in JPEGS.items()),
    *(jpeg(f"{label} by {r}", data, ratio=r) for label, data in JPEGS.items() for r in (2, 4, 8)),
    jpeg("simple upscaling", fancy_upscaling=False),
    jpeg("simple upscaling by 2", fancy_upscaling=False, ratio=2),
    jpeg("fast", dct_method="INTEGER_FAST"),
    jpeg("accurate", dct_method="INTEGER_ACCURATE"),
    jpeg("accurate and progressive", PROGRESSIVE, dct_method="INTEGER_ACCURATE", channels=1),
    jpeg("no such method", dct_method="X"),
    jpeg("channels=2", channels=2),
    jpeg("channels=4", channels=4),
    jpeg("by 3", ratio=3),
    jpeg("cut off", RGB[:700]),
    jpeg("cut off and recovered", RGB[:700], try_recover_truncated=True, undefined=(0,)),
    jpeg("cut off in the header", RGB[:100], try_recover_truncated=True),
    *(jpeg(label, data) for label, data in NONE_OF_THEM.items()),
    jpeg("a GIF", GIFS["one"]),
    jpeg("GIFs", GIFS["two"]),
    case("DecodeJpeg", "a vector", array([RGB], "O")),
    crop("a part", 2, 3, 5, 6),
    crop("all", 0, 0, 19, 21),
    crop("in gray", 16, 16, 3, 5, channels=1),
    crop("of a smaller one", 1, 2, 3, 4, ratio=2),
    crop("out of range", 2, 3, 18, 6),
    crop("before the beginning", -1, 0, 3, 3),
    crop("nothing", 1, 1, 0, 3),
    crop("of a PNG", 0, 0, 2, 2, data=GOOD),
    crop("three numbers", 0, 0, 2),
    *(case("ExtractJpegShape", label, scalar(data)) for label, data in JPEGS.items()),
    case("ExtractJpegShape", "int64", scalar(GRAY), output_type="int64"),
    *(case("ExtractJpegShape", label, scalar(data)) for label, data in NONE_OF_THEM.items()),
    case("ExtractJpegShape", "a cut off header", scalar(RGB[:40])),
    *(
        case("DecodePng", f"{label}, channels={n}, {dtype}", scalar(data), channels=n, dtype=dtype)
        for label, data in PNGS.items()
        for n, dtype in ((0, "uint8"), (1, "uint8"), (3, "uint16"), (4, "uint8"))
    ),
    case("DecodePng", "16 bits, channels=0", scalar(PNGS["RGB of 16 bits"]), dtype="uint16"),
    case(
        "DecodePng",
        "16 bits, channels=1",
        scalar(PNGS["RGB of 16 bits"]),
        channels=1,
        dtype="uint16",
    ),
    *(case("DecodePng", label, scalar(data)) for label, data in BAD_PNGS.items()),
    case("DecodePng", "a JPEG", scalar(GRAY)),
    case("DecodePng", "a BMP", scalar(BMPS["24 bits"])),
    *(case("DecodeBmp", label, scalar(data)) for label, data in BMPS.items()),
    case("DecodeBmp", "channels=3", scalar(BMPS["24 bits"]), channels=3),
    case("DecodeBmp", "channels=4", scalar(BMPS["24 bits"]), channels=4),
    case("DecodeBmp", "32 bits, channels=3", scalar(BMPS["32 bits"]), channels=3),
    case("DecodeBmp", "8 bits, channels=3", scalar(BMPS["8 bits"]), channels=3),
    case("DecodeBmp", "8 bits, channels=4", scalar(BMPS["8 bits"]), channels=4),
    case("DecodeBmp", "channels=1", scalar(BMPS["8 bits"]), channels=1),
    case("DecodeBmp", "cut off", scalar(BMPS["24 bits"][:60])),
    case("DecodeBmp", "cut off in the header", scalar(BMPS["24 bits"][:20])),
    case("DecodeBmp", "a PNG", scalar(GOOD)),
    *(case("DecodeGif", label, scalar(data)) for label, data in GIFS.items()),
    case("DecodeGif", "a PNG", scalar(GOOD)),
    case("DecodeGif", "junk", scalar(b"junk")),
    *(
        case("DecodeImage", f"{label}, {dtype}", scalar(data), dtype=dtype)
        for label, data in {
            "JPEG": GRAY,
            "PNG": GOOD,
            "PNG of 16 bits": PNGS["RGBA of 16 bits"],
            "BMP": BMPS["24 bits"],
            "GIF": GIFS["two"],
        }.items()
        for dtype in ("uint8", "uint16", "float32")
    ),
    case("DecodeImage", "the first GIF", scalar(GIFS["two"]), expand_animations=False),
    case("DecodeImage", "channels=1", scalar(RGB), channels=1),
    case("DecodeImage", "a GIF, channels=1", scalar(GIFS["one"]), channels=1),
    *(case("DecodeImage", label, scalar(data)) for label, data in NONE_OF_THEM.items()),
    *(
        case(
            "EncodePng", f"{n} channels, {dtype}", array(np.ones((2, 3, n)), dtype), undefined=(0,)
        )
        for n in (1, 2, 3, 4)
        for dtype in ("uint8", "uint16")
    ),
    case("EncodePng", "a batch", array(np.ones((2, 3, 2, 3)), "uint8"), undefined=(0,)),
    case("EncodePng", "5 channels", array(np.ones((2, 3, 5)), "uint8")),
    case("EncodePng", "a matrix", array(np.ones((2, 3)), "uint8")),
    case("EncodePng", "no such compression", SMALL, compression=10),
    case("EncodeJpeg", "RGB", SMALL, quality=96),
    case("EncodeJpeg", "fine", SMALL, quality=20, chroma_downsampling=False),
    case("EncodeJpeg", "gray", SMALL[..., :1].copy(), quality=100),
    case(
        "EncodeJpeg", "centimetres", SMALL, quality=96, density_unit="cm", x_density=7, y_density=9
    ),
    case("EncodeJpeg", "metadata", SMALL, quality=98, xmp_metadata="about it"),
    case("EncodeJpeg", "the usual quality", SMALL, undefined=(0,)),
    case("EncodeJpeg", "2 channels", SMALL[..., :2].copy()),
    case("EncodeJpeg", "gray wanted", SMALL, format="grayscale"),
    case("EncodeJpeg", "quality=101", SMALL, quality=101),
    case("EncodeJpeg", "nothing", SMALL[:0]),
    case("EncodeJpeg", "a matrix", SMALL[0]),
    case("EncodeJpegVariableQuality", "97", SMALL, array(97, "int32")),
    case("EncodeJpegVariableQuality", "0", SMALL, array(0, "int32")),
    case("EncodeJpegVariableQuality", "gray", SMALL[..., :1].copy(), array(99, "int32")),
    case("EncodeJpegVariableQuality", "101", SMALL, array(101, "int32")),
    case("EncodeJpegVariableQuality", "a vector", SMALL, array([30], "int32")),
    case("EncodeJpegVariableQuality", "2 channels", SMALL[..., :2].copy(), array(30, "int32")),
]
