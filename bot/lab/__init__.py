"""Train, judge and register models in a process of their own: `wiredesk lab`. Nothing of it runs beside the desk."""
