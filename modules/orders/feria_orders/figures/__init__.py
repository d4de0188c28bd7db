"""What orders counts for reports and the dashboard."""
