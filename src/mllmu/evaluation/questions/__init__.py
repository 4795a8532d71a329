"""Which questions are asked, and each as it is asked."""
