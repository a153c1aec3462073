"""A stand-in for Razorpay that runs on one machine; see README.md. It knows nothing of the shop."""
