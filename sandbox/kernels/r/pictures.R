# Plots of a cell: each page that it has drawn is a picture.

pages <- tempfile("plots")
device <- NULL

# What R opens where something is drawn and no device is there.
openPictures <- function(...) {
  dir.create(pages, showWarnings = FALSE)
  grDevices::png(file.path(pages, "%05d.png"), width = 800, height = 600, res = 110, type = "cairo")
  device <<- grDevices::dev.cur()
}

# Shows what was drawn and begins anew.
showPictures <- function() {
  if (!is.null(device) && device %in% grDevices::dev.list()) grDevices::dev.off(device)
  device <<- NULL
  for (page in sort(list.files(pages, full.names = TRUE))) {
    say("result", "0", "png", readBin(page, "raw", file.size(page)))
    unlink(page)
  }
}
