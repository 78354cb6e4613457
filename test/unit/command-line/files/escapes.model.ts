throw new Error("red \u001b[31m, back \u202e");
