"""How many micro-expressions are found and classified in long videos of quiet and of lively people?"""
