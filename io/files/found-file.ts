/** A file as it was when the run began. */
export interface FoundFile {
  /** Its path as the user gave it, or as a glob or a folder led to it. */
  readonly path: string;
  /** Bytes on disk. A file that has another size when it is read is refused. */
  readonly sizeBytes: number;
  /** Whether it is read through gunzip. */
  readonly isGzip: boolean;
}

/** How files are packed: by their name (`.gz`), all of them, or none. */
export type Compression = "auto" | "gzip" | "none";

/** Whether a file of this name is read through gunzip. */
export function isGzipFile(path: string, compression: Compression): boolean {
  return compression === "auto" ? path.toLowerCase().endsWith(".gz") : compression === "gzip";
}
