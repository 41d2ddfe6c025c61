/** Archives and arrays for tests, written by hand so that they can also be wrong in known ways. */
import { crc32, deflateRawSync, gzipSync } from "node:zlib";

/** A file to put into an archive. */
export interface Packed {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What the archive says the size is, if it shall lie. */
  readonly announced?: number;
  /** Makes it a symbolic link to this; in a tar file, a hard link with the type "1". */
  readonly link?: string;
}

/** A zip file of deflated entries (PKWARE APPNOTE 4.3), without data descriptors. */
export function zipOf(files: readonly Packed[], flags = 0x0800): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const { name, bytes: contents, link, announced } of files) {
    const bytes = link === undefined ? contents : Buffer.from(link);
    const data = deflateRawSync(bytes);
    const path = Buffer.from(name, "utf8");
    // Version, flags, method, time, date, CRC, sizes, name length, extra length: the same in both headers.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(announced ?? bytes.length, 18);
    common.writeUInt16LE(path.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), common, path, data]);
    const rest = Buffer.alloc(14);
    // Made on Unix, with the kind of file in the upper half of the attributes.
    rest.writeUInt32LE((link === undefined ? 0o100644 : 0o120777) * 0x10000, 6);
    rest.writeUInt32LE(at, 10);
    central.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x03", "latin1"), common, rest, path]));
    locals.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, directory, end]);
}

/** A ustar file (POSIX.1-1988); `type` "2" makes symbolic links, "1" hard ones. */
export function tarOf(files: readonly (Packed & { readonly type?: string })[]): Buffer {
  const blocks = files.flatMap(
    ({ name, bytes, announced = bytes.length, link, type = link === undefined ? "0" : "2" }) => {
      const header = Buffer.alloc(512);
      header.write(name, 0, 100, "utf8");
      header.write("0000644\0", 100);
      header.write("0000000\0".repeat(2), 108);
      header.write(`${announced.toString(8).padStart(11, "0")} `, 124);
      header.write("00000000000 ", 136);
      header.write(`        ${type}`, 148);
      header.write(link ?? "", 157, 100, "utf8");
      header.write("ustar\x0000", 257, "latin1");
      const sum = header.reduce((total, byte) => total + byte, 0);
      header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
      return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
    },
  );
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** The same, gzipped. */
export function tarGzOf(files: Parameters<typeof tarOf>[0]): Buffer {
  return gzipSync(tarOf(files));
}

/** An IDX file of bytes. */
export function idxOf(shape: readonly number[], bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header[2] = 8;
  header[3] = shape.length;
  shape.forEach((side, i) => {
    header.writeUInt32BE(side, 4 + 4 * i);
  });
  return Buffer.concat([header, bytes]);
}

/**
 * A Parquet file of eight rows in which one bit of the first page's header is wrong: hyparquet
 * reads on without end.
 */
export const ENDLESS_PARQUET = Buffer.from(
  [
    "UEFSMRUGETYVNlwVEBUGFRAVABUEFQAAAAO2AQAAAAEBAAAAAgEAAAAEAQAAAAUBAAAABxUEGSxIBHJvb3QVAgAVDCUCGAVpbWFnZQAW",
    "EBkcGRwmCBwVDBkVABkYBWltYWdlFQAWEBZgFmAmCDw2BigBBxgBAQAZHBUGFQAVAgAAABZgFhA2YAAoCWh5cGFycXVldBkcHAAAAGYA",
    "AABQQVIx",
  ].join(""),
  "base64",
);
