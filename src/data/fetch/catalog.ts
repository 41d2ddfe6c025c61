/**
 * The data sets that can be fetched: where they are published, and what every file must be.
 *
 * Sizes and SHA-256 are those of TensorFlow Datasets
 * (tensorflow_datasets/url_checksums/{cifar10,cifar100,stl10,mnist, fashion_mnist}.txt). MD5 sums
 * have a second source each: of CIFAR-10 and CIFAR-100 the page of the data set; of STL-10, MNIST
 * and Fashion-MNIST torchvision (datasets/{stl10,mnist}.py), and for Fashion-MNIST also the README
 * of zalandoresearch/fashion-mnist. A file has to match both sums, so that a slip in either would
 * show.
 */
import { unknownName } from "../../base/errors.ts";

/** One file as it was published. */
export interface PublishedFile {
  readonly name: string;
  readonly url: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly md5: string;
  readonly sha256: string;
}

/** A data set and how it is made usable. */
export interface Publication {
  /** What it is called on the command line. */
  readonly name: string;
  readonly title: string;
  /** Where people read about it, its terms of use among other things. */
  readonly page: string;
  readonly files: readonly PublishedFile[];
  /** `tar.gz`: one archive, in which all is below `folder`. `gz`: single files. */
  readonly packing: "tar.gz" | "gz";
  /** The folder that comes out; what `train` is given. */
  readonly folder: string;
  /** Bytes in that folder. */
  readonly unpackedBytes: number;
  /** The word before the colon when training on it. */
  readonly source: string;
}

/** Every data set that can be fetched; a new one is an entry here. */
export const PUBLICATIONS: readonly Publication[] = [
  {
    name: "cifar10",
    title: "CIFAR-10",
    page: "https://www.cs.toronto.edu/~kriz/cifar.html",
    files: [
      {
        name: "cifar-10-binary.tar.gz",
        url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
        bytes: 170_052_171,
        md5: "c32a1d4ab5d03f1284b67883e8d87530",
        sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
      },
    ],
    packing: "tar.gz",
    folder: "cifar-10-batches-bin",
    unpackedBytes: 184_380_149,
    source: "cifar10",
  },
  {
    name: "cifar100",
    title: "CIFAR-100",
    page: "https://www.cs.toronto.edu/~kriz/cifar.html",
    files: [
      {
        name: "cifar-100-binary.tar.gz",
        url: "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
        bytes: 168_513_733,
        md5: "03b5dce01913d631647c71ecec9e9cb8",
        sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
      },
    ],
    packing: "tar.gz",
    folder: "cifar-100-binary",
    unpackedBytes: 184_442_000,
    source: "cifar100",
  },
  {
    name: "stl10",
    title: "STL-10",
    page: "https://cs.stanford.edu/~acoates/stl10/",
    files: [
      {
        name: "stl10_binary.tar.gz",
        url: "http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz",
        bytes: 2_640_397_119,
        md5: "91f7769df0f17e558f3565bffb0c7dfb",
        sha256: "f31fd99273a1acb8609c8db427cebb1de3f71de77758cdc0e22956e1289b9866",
      },
    ],
    packing: "tar.gz",
    folder: "stl10_binary",
    unpackedBytes: 3_124_290_000,
    source: "stl10",
  },
  {
    name: "mnist",
    title: "MNIST",
    page: "http://yann.lecun.com/exdb/mnist/",
    // The page itself has refused downloads for years; this is the copy that torchvision takes the same files from.
    files: idx("https://ossci-datasets.s3.amazonaws.com/mnist/", [
      [
        "train-images-idx3-ubyte.gz",
        9_912_422,
        "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
      ],
      [
        "train-labels-idx1-ubyte.gz",
        28_881,
        "d53e105ee54ea40749a09fcbcd1e9432",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
      ],
      [
        "t10k-images-idx3-ubyte.gz",
        1_648_877,
        "9fb629c4189551a2d022fa330f9573f3",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
      ],
      [
        "t10k-labels-idx1-ubyte.gz",
        4_542,
        "ec29112dd5afa0611ce80d1b7f02629c",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
      ],
    ]),
    packing: "gz",
    folder: "idx",
    unpackedBytes: 54_950_048,
    source: "mnist",
  },
  {
    name: "fashion-mnist",
    title: "Fashion-MNIST",
    page: "https://github.com/zalandoresearch/fashion-mnist",
    files: idx("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/", [
      [
        "train-images-idx3-ubyte.gz",
        26_421_880,
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
      ],
      [
        "train-labels-idx1-ubyte.gz",
        29_515,
        "25c81989df183df01b3e8a0aad5dffbe",
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
      ],
      [
        "t10k-images-idx3-ubyte.gz",
        4_422_102,
        "bef4ecab320f06d8554ea6380940ec79",
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
      ],
      [
        "t10k-labels-idx1-ubyte.gz",
        5_148,
        "bb300cfdad3c16e7a12a480ee83cd310",
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
      ],
    ]),
    packing: "gz",
    folder: "idx",
    unpackedBytes: 54_950_048,
    source: "fashion-mnist",
  },
];

type Row = readonly [name: string, bytes: number, md5: string, sha256: string];

function idx(base: string, rows: readonly Row[]): PublishedFile[] {
  return rows.map(([name, bytes, md5, sha256]) => ({ name, url: `${base}${name}`, bytes, md5, sha256 }));
}

/** The data set called `name`. @throws UserError with the nearest name if there is none */
export function publicationOf(name: string): Publication {
  const found = PUBLICATIONS.find((each) => each.name === name.toLowerCase());
  if (found) return found;
  throw unknownName(
    "data set to fetch",
    name,
    PUBLICATIONS.map((each) => each.name),
  );
}
