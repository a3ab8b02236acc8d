"""The storage on MongoDB: one collection of jobs, claimed by find_one_and_update."""
