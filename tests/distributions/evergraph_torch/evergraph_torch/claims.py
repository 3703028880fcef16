"""What the backend claims, without loading PyTorch."""

#: PyTorch stores uint16, uint32 and uint64, but does not compare, index or shift them.
DTYPES = frozenset(
    {
        "bool",
        *("int8", "int16", "int32", "int64", "uint8"),
        *("bfloat16", "float16", "float32", "float64", "complex64", "complex128"),
    }
)

#: Random numbers come from bits, which are unsigned.
_DRAWS = (
    *("Multinomial", "ParameterizedTruncatedNormal", "RandomGamma", "RandomPoisson"),
    *("RandomPoissonV2", "RandomShuffle", "RandomStandardNormal", "RandomUniform"),
    *("RandomUniformInt", "StatelessMultinomial", "StatelessRandomGammaV2"),
    *("StatelessRandomGammaV3", "StatelessRandomGetKeyCounter", "StatelessRandomGetKeyCounterAlg"),
    *("StatelessRandomNormal", "StatelessRandomNormalV2", "StatelessRandomPoisson"),
    *("StatelessRandomUniform", "StatelessRandomUniformV2", "StatelessRandomUniformInt"),
    *("StatelessRandomUniformIntV2", "StatelessRandomUniformFullInt"),
    *("StatelessRandomUniformFullIntV2", "StatelessShuffle", "StatelessTruncatedNormal"),
    *("StatelessTruncatedNormalV2", "TruncatedNormal"),
)

#: Op types that NumPy runs on the host, and why.
HOST_OPS = dict.fromkeys(_DRAWS, "PyTorch does not compute with unsigned integers of 32 bits")
