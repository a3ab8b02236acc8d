"""A storm over schedulers: any number of them, killed at random; was each tick carried out once?"""
