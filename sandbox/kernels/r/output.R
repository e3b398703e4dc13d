# One print is one event: what cells print by these functions goes out whole, and what prints in other ways is read from the descriptors.

# Runs what prints; the text of it in one piece.
captured <- function(run) {
  if (sink.number() > 0L) return(run())
  text <- character()
  into <- textConnection("text", "w", local = TRUE)
  sink(into)
  shown <- tryCatch(withVisible(run()), finally = {
    sink()
    # A line without its end is there only when nothing more can come.
    isCut <- isIncomplete(into)
    close(into)
    if (length(text) > 0L) say("print", "stdout", paste0(paste(text, collapse = "\n"), if (isCut) "" else "\n"))
  })
  if (shown$visible) shown$value else invisible(shown$value)
}

# In their place on the search path, so that a cell may have its own.
printing <- new.env(parent = globalenv())
printing$.captured <- captured
local(
  {
    print <- function(x, ...) .captured(function() base::print(x, ...))
    cat <- function(..., file = "", sep = " ", fill = FALSE, labels = NULL, append = FALSE) {
      if (!identical(file, "")) return(base::cat(..., file = file, sep = sep, fill = fill, labels = labels, append = append))
      .captured(function() base::cat(..., sep = sep, fill = fill, labels = labels))
    }
    writeLines <- function(text, con = stdout(), sep = "\n", useBytes = FALSE) {
      if (!inherits(con, "terminal") || summary(con)$description != "stdout") return(base::writeLines(text, con, sep, useBytes))
      .captured(function() base::writeLines(text, stdout(), sep, useBytes))
    }
    str <- function(object, ...) .captured(function() utils::str(object, ...))
    quit <- function(save = "default", status = 0, runLast = TRUE) base::quit("no", status, FALSE)
    q <- quit
  },
  printing
)

# Of the cells' own environment, for there are the methods that they have defined.
showing <- function(value) if (base::isS4(value)) methods::show(value) else base::print(value)
environment(showing) <- globalenv()

# A value's text as the prompt shows it.
textOf <- function(value) paste(utils::capture.output(showing(value)), collapse = "\n")

# A value in every form in which it can be shown, forms and contents in turn.
formsOf <- function(value) {
  text <- textOf(value)
  # What prints nothing draws, or is nothing to be seen.
  if (!nzchar(text)) return(NULL)
  if (!is.data.frame(value) || !requireNamespace("jsonlite", quietly = TRUE)) return(list("text", text))
  data <- tryCatch(jsonlite::toJSON(value, dataframe = "columns", na = "null", digits = NA), error = function(e) NULL)
  if (is.null(data)) list("text", text) else list("text", text, "data", data)
}
