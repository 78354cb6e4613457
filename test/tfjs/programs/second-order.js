import * as tf from "@tensorflow/tfjs";
import { show } from "./show.js";

const x = tf.tensor1d([0.5, 1, 2]);
const first = tf.grad((v) => v.pow(tf.scalar(3)).sum());
const second = tf.grad((v) => first(v).mul(v).sum());
show("first", first(x));
show("second", second(x));
