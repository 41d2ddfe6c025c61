/**
 * CIFAR-100: 50,000 training and 10,000 test images; of its two labels the fine one, 100 classes,
 * is read. See `cifar.node.ts`.
 */
import { cifarSource } from "./cifar.node.ts";

/** In the order of their numbers, which is the alphabet's. */
const FINE =
  "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle " +
  "caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish forest fox " +
  "girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse " +
  "mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray " +
  "road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank " +
  "telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm";

/** The source definition. */
export const cifar100 = cifarSource({
  name: "cifar100",
  title: "CIFAR-100",
  classNames: FINE.split(" "),
  labelBytes: 2,
  published: { train: 50_000, test: 10_000 },
  binary: {
    folder: "cifar-100-binary",
    archive: "cifar-100-binary.tar.gz",
    files: { train: ["train.bin"], test: ["test.bin"] },
    meta: "fine_label_names.txt",
  },
  python: {
    folder: "cifar-100-python",
    archive: "cifar-100-python.tar.gz",
    files: { train: ["train"], test: ["test"] },
    meta: "meta",
    labels: "fine_labels",
    names: "fine_label_names",
  },
  other: { title: "CIFAR-10", name: "cifar10", labelBytes: 1 },
});
