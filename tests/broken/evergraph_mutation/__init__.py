"""Small changes of the core's code, made at random: does the kit notice?"""
