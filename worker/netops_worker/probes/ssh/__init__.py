"""SSH: whether credentials work on a device, without a shell (stage 1) and in one (stage 2)."""
