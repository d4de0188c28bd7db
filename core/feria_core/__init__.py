"""The core of Feria: loads modules, owns database, outbox, jobs and HTTP."""
