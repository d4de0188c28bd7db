"""What staff do with promotions, codes and flash sales."""
