# Serves front/front.py: requests in, what cells show out. What its parts call is base R's own, whatever a cell has made of a name.

local({
  kernel <- new.env(parent = baseenv())
  sys.source(file.path(dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)[1])), "wire.R"), kernel)
  for (part in c("output.R", "pictures.R", "cells.R")) sys.source(file.path(kernel$folder, part), kernel)
  kernel$serve()
})
