"""What ``site`` would set up, without its cost, and libraries that are imported ahead."""

import _frozen_importlib_external as importer
import _sitebuiltins
import builtins
import os
import sys

# What cells mostly need; leaves come before what imports them, for between two of them the kernel looks whether it is wanted.
_AHEAD = (
    "toolrt_kernel._pretty", "toolrt_kernel._data", "enum", "re", "json", "collections.abc", "datetime", "math", "random", "linecache", "traceback",
    "toolrt_kernel._magics", "toolrt_kernel._errors", "dataclasses", "inspect", "typing", "pathlib", "socket",
    "selectors", "subprocess", "logging", "ssl", "concurrent.futures", "asyncio.events", "asyncio",
)
# What a library hides behind its first use.
_WITH_IT = {"matplotlib": ("matplotlib.pyplot", "matplotlib.backends.backend_agg", "toolrt_kernel._charts")}


def prepare() -> None:
    """Completes sys.path and the builtins that ``-S`` leaves out."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    own = os.path.join(os.path.expanduser("~"), ".local", "lib", version, "site-packages")
    sys.path.append(own)
    _expect(own)
    sys.path.extend(folder for folder in (f"/usr/local/lib/{version}/site-packages", f"/usr/local/lib/{version}/dist-packages",
                                          "/usr/lib/python3/dist-packages", f"{sys.prefix}/lib/{version}/site-packages")
                    if os.path.isdir(folder) and folder not in sys.path)
    read_links()
    sys.path.insert(0, "")
    builtins.exit = _sitebuiltins.Quitter("exit", "Ctrl-D (i.e. EOF)")
    builtins.quit = _sitebuiltins.Quitter("quit", "Ctrl-D (i.e. EOF)")
    builtins.help = _sitebuiltins._Helper()
    # There is no screen: without this matplotlib tries every window toolkit first.
    os.environ.setdefault("MPLBACKEND", "agg")


def read_links() -> None:
    """Does what ``.pth`` files of installed packages say, as ``pip install -e`` writes them."""
    for folder in [folder for folder in sys.path if "/local/" in folder or "/.local/" in folder]:
        try:
            has_links = any(name.endswith(".pth") for name in os.listdir(folder))
        except OSError:  # nothing was installed there yet
            continue
        if has_links:
            import site

            site.addsitedir(folder, set(sys.path))


def _expect(folder: str) -> None:
    """Lets modules be found in a folder that is yet to be made: without this Python remembers that it was not there."""
    if not os.path.isdir(folder):
        sys.path_importer_cache[folder] = importer.FileFinder(folder, *importer._get_supported_file_loaders())


def preload(names) -> None:
    """Imports libraries; one that is missing or broken is the user's to meet."""
    for name in names:
        for module in (name, *_WITH_IT.get(name, ())):
            try:
                __import__(module)
            except Exception:  # an import runs any code of the library
                break


def import_ahead(is_wanted) -> None:
    """Imports what cells mostly ask for, until ``is_wanted()``."""
    for name in _AHEAD:
        if is_wanted():
            return
        __import__(name)
