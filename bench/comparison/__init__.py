"""What leaves an application under each way of watching it: the same values planted, the same bytes searched."""
