"""One file a library: which instrumentation is started and how, and what evidence and patches it gives or needs."""
