/** Files that hold data sets: idx, CIFAR-10, folders of images, plain text. */
package dev.kindling.data.format;
