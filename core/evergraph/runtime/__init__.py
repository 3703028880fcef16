"""From a graph and a step's fetches and feeds to something that runs."""
