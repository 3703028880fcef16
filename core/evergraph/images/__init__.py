"""Files of images: JPEG, PNG, GIF, BMP."""
