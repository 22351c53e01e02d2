/** Where Debian has its chromium (`apt-get install chromium`). */
export const CHROMIUM = "/usr/bin/chromium";
