"""Testimonials: what customers say, moderated and in an order of the staff's."""
