"""Our books beside the gateway's and the bank's."""
