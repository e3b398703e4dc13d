#!/bin/sh
# Compiles the Java kernel into FOLDER, with an archive of the classes that its start loads. Runs once, when an image with it is built.
# usage: build.sh FOLDER
set -eu
folder=${1:?usage: build.sh FOLDER}
cd "$(dirname "$0")"
mkdir -p "$folder"
javac -nowarn -XDignore.symbol.file -d "$folder/classes" toolrt/*.java
jar --create --file "$folder/kernel.jar" --date=2026-01-01T00:00:00Z -C "$folder/classes" . 2>/dev/null || jar --create --file "$folder/kernel.jar" -C "$folder/classes" .
rm -rf "$folder/classes"

# Cells are many small pieces of code that run once: no second compiler, and one thread that collects.
cat >"$folder/start" <<END
#!/bin/sh
exec /usr/bin/java -XX:SharedArchiveFile=$folder/kernel.jsa -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:MaxRAMPercentage=50 -XX:-UsePerfData \\
  -Dfile.encoding=UTF-8 -Djava.awt.headless=true --add-opens java.base/java.io=ALL-UNNAMED --add-opens java.base/java.lang=ALL-UNNAMED \\
  --add-opens java.base/java.util=ALL-UNNAMED -cp $folder/kernel.jar toolrt.Kernel "\$@"
END
chmod 755 "$folder/start"
sed 's/-XX:SharedArchiveFile=/-XX:ArchiveClassesAtExit=/' "$folder/start" >"$folder/train"
sh "$folder/train" --train
rm "$folder/train"
