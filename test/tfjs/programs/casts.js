import * as tf from "@tensorflow/tfjs";
import { numbers, show } from "./show.js";

// A cast that loses nothing shares its elements with what was cast.
const target = tf.oneHot(tf.tensor1d([0, 2, 1], "int32"), 3).toFloat();
const mask = tf.tensor1d([true, false, true], "bool").toFloat();
const logits = tf.tensor2d(numbers(9, 71), [3, 3]);
const { value, grad } = tf.valueAndGrad((x) => tf.losses.softmaxCrossEntropy(target, x.mul(mask)))(logits);
show("value", value);
show("grad", grad);
