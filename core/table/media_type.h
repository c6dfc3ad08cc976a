/* Media types by file extension, in ascending order: X("extension", "type").
 *
 * The types are those that IANA registers. Where it registers none, the row has the name that
 * browsers and archivers agree on: 7z, avi, br, bz2, rss, tar, xz. One is kept although another is
 * registered: wav, because browsers do not know audio/vnd.wave. A .ts file is a segment of a
 * stream (m3u8 names it), not a program text.
 *
 * text/ types carry their charset; the others say it themselves or have no such parameter. */
#ifndef LN_TABLE_MEDIA_TYPE_H
#define LN_TABLE_MEDIA_TYPE_H

#define LN_MEDIA_TYPES(X)                                                                  \
    X("3g2", "video/3gpp2")                                                                \
    X("3gp", "video/3gpp")                                                                 \
    X("7z", "application/x-7z-compressed")                                                 \
    X("aac", "audio/aac")                                                                  \
    X("apk", "application/vnd.android.package-archive")                                    \
    X("apng", "image/apng")                                                                \
    X("atom", "application/atom+xml")                                                      \
    X("avi", "video/x-msvideo")                                                            \
    X("avif", "image/avif")                                                                \
    X("bin", "application/octet-stream")                                                   \
    X("bmp", "image/bmp")                                                                  \
    X("br", "application/x-brotli")                                                        \
    X("bz2", "application/x-bzip2")                                                        \
    X("cbor", "application/cbor")                                                          \
    X("cjs", "text/javascript; charset=utf-8")                                             \
    X("css", "text/css; charset=utf-8")                                                    \
    X("csv", "text/csv; charset=utf-8")                                                    \
    X("cur", "image/vnd.microsoft.icon")                                                   \
    X("deb", "application/vnd.debian.binary-package")                                      \
    X("doc", "application/msword")                                                         \
    X("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")   \
    X("eot", "application/vnd.ms-fontobject")                                              \
    X("epub", "application/epub+zip")                                                      \
    X("flac", "audio/flac")                                                                \
    X("geojson", "application/geo+json")                                                   \
    X("gif", "image/gif")                                                                  \
    X("glb", "model/gltf-binary")                                                          \
    X("gltf", "model/gltf+json")                                                           \
    X("gz", "application/gzip")                                                            \
    X("heic", "image/heic")                                                                \
    X("heif", "image/heif")                                                                \
    X("htm", "text/html; charset=utf-8")                                                   \
    X("html", "text/html; charset=utf-8")                                                  \
    X("ico", "image/vnd.microsoft.icon")                                                   \
    X("ics", "text/calendar; charset=utf-8")                                               \
    X("jpeg", "image/jpeg")                                                                \
    X("jpg", "image/jpeg")                                                                 \
    X("js", "text/javascript; charset=utf-8")                                              \
    X("json", "application/json")                                                          \
    X("jsonld", "application/ld+json")                                                     \
    X("jxl", "image/jxl")                                                                  \
    X("kml", "application/vnd.google-earth.kml+xml")                                       \
    X("kmz", "application/vnd.google-earth.kmz")                                           \
    X("log", "text/plain; charset=utf-8")                                                  \
    X("m3u8", "application/vnd.apple.mpegurl")                                             \
    X("m4a", "audio/mp4")                                                                  \
    X("m4s", "video/iso.segment")                                                          \
    X("m4v", "video/mp4")                                                                  \
    X("map", "application/json")                                                           \
    X("md", "text/markdown; charset=utf-8")                                                \
    X("mjs", "text/javascript; charset=utf-8")                                             \
    X("mka", "audio/matroska")                                                             \
    X("mkv", "video/matroska")                                                             \
    X("mov", "video/quicktime")                                                            \
    X("mp3", "audio/mpeg")                                                                 \
    X("mp4", "video/mp4")                                                                  \
    X("mpd", "application/dash+xml")                                                       \
    X("mpeg", "video/mpeg")                                                                \
    X("mpg", "video/mpeg")                                                                 \
    X("nt", "application/n-triples")                                                       \
    X("odp", "application/vnd.oasis.opendocument.presentation")                            \
    X("ods", "application/vnd.oasis.opendocument.spreadsheet")                             \
    X("odt", "application/vnd.oasis.opendocument.text")                                    \
    X("oga", "audio/ogg")                                                                  \
    X("ogg", "audio/ogg")                                                                  \
    X("ogv", "video/ogg")                                                                  \
    X("opus", "audio/ogg")                                                                 \
    X("otf", "font/otf")                                                                   \
    X("pdf", "application/pdf")                                                            \
    X("png", "image/png")                                                                  \
    X("ppt", "application/vnd.ms-powerpoint")                                              \
    X("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation") \
    X("ps", "application/postscript")                                                      \
    X("rar", "application/vnd.rar")                                                        \
    X("rdf", "application/rdf+xml")                                                        \
    X("rss", "application/rss+xml")                                                        \
    X("rtf", "application/rtf")                                                            \
    X("sql", "application/sql")                                                            \
    X("stl", "model/stl")                                                                  \
    X("svg", "image/svg+xml")                                                              \
    X("tar", "application/x-tar")                                                          \
    X("tgz", "application/gzip")                                                           \
    X("tif", "image/tiff")                                                                 \
    X("tiff", "image/tiff")                                                                \
    X("toml", "application/toml")                                                          \
    X("ts", "video/mp2t")                                                                  \
    X("tsv", "text/tab-separated-values; charset=utf-8")                                   \
    X("ttc", "font/collection")                                                            \
    X("ttf", "font/ttf")                                                                   \
    X("ttl", "text/turtle; charset=utf-8")                                                 \
    X("ttml", "application/ttml+xml")                                                      \
    X("txt", "text/plain; charset=utf-8")                                                  \
    X("vcf", "text/vcard; charset=utf-8")                                                  \
    X("vtt", "text/vtt; charset=utf-8")                                                    \
    X("wasm", "application/wasm")                                                          \
    X("wav", "audio/wav")                                                                  \
    X("weba", "audio/webm")                                                                \
    X("webm", "video/webm")                                                                \
    X("webmanifest", "application/manifest+json")                                          \
    X("webp", "image/webp")                                                                \
    X("wgsl", "text/wgsl; charset=utf-8")                                                  \
    X("woff", "font/woff")                                                                 \
    X("woff2", "font/woff2")                                                               \
    X("xhtml", "application/xhtml+xml")                                                    \
    X("xls", "application/vnd.ms-excel")                                                   \
    X("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")         \
    X("xml", "application/xml")                                                            \
    X("xsl", "application/xslt+xml")                                                       \
    X("xslt", "application/xslt+xml")                                                      \
    X("xz", "application/x-xz")                                                            \
    X("yaml", "application/yaml")                                                          \
    X("yml", "application/yaml")                                                           \
    X("zip", "application/zip")                                                            \
    X("zst", "application/zstd")

#endif
