"""The app: command line, runner, local AWS, policy gate and evaluators around the library."""
