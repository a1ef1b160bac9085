"""What hosting adds round the pages: headers, probes, metrics, and the proxy's word for who is there."""
