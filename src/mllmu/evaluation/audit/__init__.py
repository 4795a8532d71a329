"""Whether metrics are any good: do they tell models that know people from others, and do they agree?"""
