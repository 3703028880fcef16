"""Sessions of other processes: targets `grpc://HOST:PORT`, and the servers behind them."""
