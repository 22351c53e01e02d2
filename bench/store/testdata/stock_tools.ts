/** Where Debian has HdrHistogram's own tools (`apt-get install libhdrhistogram-java default-jre-headless`). */
export const HDRHISTOGRAM_JAR = "/usr/share/java/hdrhistogram.jar";
/** And what runs them. */
export const JAVA = "/usr/bin/java";
