"""What does the network survive? Losses and what they leave, weak points, and how it falls apart."""
