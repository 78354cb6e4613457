import { tensor } from "backstep";

const table = tensor([[-0.587,0.925],[0.972,-1.229],[1.148,0.043]], { requiresGrad: true });
const ids = tensor([0,0,1,1], { dtype: "int64" });
const rows = table.index([ids]);
rows.mul(rows.softmax(1)).sum().backward();
table.grad = null;
table.gather(0, ids.view(2, 2)).pow(2).sum().backward();
