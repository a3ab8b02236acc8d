"""How fast is it here? Our figures beside their floors and beside other libraries, all of the same run."""
