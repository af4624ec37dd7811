"""Loudness and true peak, measured to ITU-R BS.1770-4 and EBU R 128."""
