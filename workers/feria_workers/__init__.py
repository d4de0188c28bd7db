"""Worker processes of Feria: relay, schedules, queues."""
