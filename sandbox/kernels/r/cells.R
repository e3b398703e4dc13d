# Cells: what they evaluate, show, and how they fail.

mostCalls <- 50L
# Calls of R's and of this kernel between those of a cell.
ofNoUser <- c(".handleSimpleError", ".captured", "run", "withVisible", "tryCatch", "tryCatchList", "tryCatchOne", "doTryCatch")

serve <- function() {
  attach(printing, name = "toolrt", warn.conflicts = FALSE)
  # Warnings come when they happen, and nobody is asked anything.
  options(device = openPictures, warn = 1, width = 120L, menu.graphics = FALSE, pager = "cat", repos = c(CRAN = "https://cloud.r-project.org"))
  suspendInterrupts({
    # What takes its time the first time.
    textOf(data.frame(a = 1))
    say("ready", paste(R.version$major, R.version$minor, sep = "."))
    repeat handle(receive())
  })
}

handle <- function(request) {
  pairs <- request[-1L]
  switch(request[1L],
    cell = execute(as.integer(request[2L]), request[3L], request[4L], request[-(1:4)]),
    environment = setVariables(pairs),
    restored = set.seed(sum(utf8ToInt(request[2L]) * seq_len(nchar(request[2L])) * 7919)))
}

execute <- function(count, code, folder, variables) {
  # An interrupt that came after the cell before had ended.
  tryCatch(allowInterrupts(Sys.sleep(0.001)), interrupt = function(e) NULL)
  # Without names it gives all that there are.
  before <- if (length(variables) > 0L) Sys.getenv(variables[c(TRUE, FALSE)], unset = NA, names = TRUE)
  calls <- NULL
  failure <- tryCatch({
    setVariables(variables)
    if (nzchar(folder)) setwd(folder)
    withCallingHandlers(
      allowInterrupts(evaluate(parse(text = code, keep.source = TRUE, srcfile = srcfilecopy(paste0("cell-", count), code)))),
      error = function(e) calls <<- sys.calls())
    NULL
  }, error = function(e) e, interrupt = function(e) e)
  while (sink.number() > 0L) sink()
  showPictures()
  if (!is.null(failure)) tell(failure, calls)
  for (name in names(before)) if (is.na(before[[name]])) Sys.unsetenv(name) else do.call(Sys.setenv, as.list(before[name]))
  say("done")
}

# Every visible value is shown; that of the last expression is the cell's.
evaluate <- function(expressions) {
  for (at in seq_along(expressions)) {
    done <- withVisible(eval(expressions[[at]], globalenv()))
    if (done$visible) {
      forms <- formsOf(done$value)
      if (!is.null(forms)) do.call(say, c(list("result", if (at == length(expressions)) "1" else "0"), forms))
    }
  }
}

tell <- function(failure, calls) {
  if (inherits(failure, "interrupt")) return(say("error", "KeyboardInterrupt", "", "KeyboardInterrupt"))
  message <- conditionMessage(failure)
  call <- conditionCall(failure)
  isOfParser <- !is.null(call) && identical(call[[1L]], quote(parse))
  name <- if (isOfParser) "SyntaxError" else class(failure)[1L]
  head <- if (is.null(call) || isOfParser) paste("Error:", message) else paste0("Error in ", short(call), " : ", message)
  say("error", name, message, paste(c(head, if (!isOfParser) frames(calls)), collapse = "\n"))
}

# The calls of the cell: below is what evaluates it, above what caught the error.
frames <- function(calls) {
  isOwn <- vapply(calls, function(call) identical(call[[1L]], quote(eval)) && identical(call[[2L]], quote(expressions[[at]])), NA)
  first <- which(isOwn)
  if (length(first) == 0L) return(NULL)
  mine <- calls[-seq_len(first[1L] + 1L)]
  mine <- Filter(function(call) !is.function(call[[1L]]) && !identical(call, quote(h(simpleError(msg, call)))) && !(deparse(call[[1L]])[1L] %in% ofNoUser), mine)
  lines <- vapply(utils::tail(mine, mostCalls), function(call) paste0(short(call), place(call)), "")
  if (length(lines) == 0L) NULL else c("Calls:", paste0("  ", seq_along(lines), ". ", lines))
}

short <- function(call) {
  text <- deparse(call, nlines = 1L)[1L]
  if (nchar(text) > 120L) paste0(substr(text, 1L, 117L), "...") else text
}

place <- function(call) {
  reference <- attr(call, "srcref")
  if (is.null(reference)) return("")
  paste0(" at ", attr(reference, "srcfile")$filename, ":", reference[1L])
}

setVariables <- function(pairs) {
  if (length(pairs) > 0L) do.call(Sys.setenv, stats::setNames(as.list(pairs[c(FALSE, TRUE)]), pairs[c(TRUE, FALSE)]))
}
