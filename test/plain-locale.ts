/*
 * What tests start speaks English, with Unicode, whatever the terminal speaks that they run in: the command line speaks
 * its language. A test of another language sets it for what it starts.
 */
process.env["LC_ALL"] = "C.UTF-8";
