"""What runs by itself: the table of jobs and the process that beats the time."""
