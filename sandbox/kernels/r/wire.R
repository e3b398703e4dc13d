# Lists of byte strings to and from front/child.py, which says how they are framed.

folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)[1]))
requests <- file("/dev/fd/20", "rb", raw = TRUE)
replies <- file("/dev/fd/21", "wb", raw = TRUE)
acknowledged <- file("/dev/fd/22", "rb", raw = TRUE)
sent <- 0L

number <- function(from) {
  value <- readBin(from, "integer", 1L, size = 4L, endian = "big")
  # The end of the pipe: nobody is there any more.
  if (length(value) == 0L) base::quit("no", runLast = FALSE)
  value
}

bytes <- function(value) writeBin(as.integer(value), raw(), size = 4L, endian = "big")

# The next request.
receive <- function() {
  vapply(seq_len(number(requests)), function(each) {
    length <- number(requests)
    text <- if (length == 0L) "" else rawToChar(readBin(requests, "raw", length))
    Encoding(text) <- "UTF-8"
    text
  }, "")
}

# Says something, texts or bytes, and waits until it was taken. An interrupt waits meanwhile.
say <- function(...) {
  suspendInterrupts({
    fields <- lapply(list(...), function(field) if (is.raw(field)) field else charToRaw(enc2utf8(paste(as.character(field), collapse = "\n"))))
    sent <<- sent + 1L
    frame <- c(bytes(sent), bytes(length(fields)), unlist(lapply(fields, function(field) c(bytes(length(field)), field))))
    writeBin(frame, replies)
    flush(replies)
    while (number(acknowledged) != sent) NULL
  })
}
