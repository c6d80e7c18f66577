"""How fast it is: the gradient step against other frameworks and against the machine, scaling, memory."""
