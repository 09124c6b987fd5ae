"""What both RunPod workers share: jobs, settings, start."""
