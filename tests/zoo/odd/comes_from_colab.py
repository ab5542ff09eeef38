# %% [markdown] exercise="ex06_dropout" earns=100 status="graded"
# Colab keeps ids and more in the metadata of cells, and begins with a mount of its drive.

# %% tags=["tamper"]
def tamper(notebook):
    for cell in notebook.cells:
        cell.metadata = {"id": cell.pop("id"), "colab": {"base_uri": "https://localhost/"}, "outputId": "f00", **cell.metadata}
    mount = "from google.colab import drive\ndrive.mount('/content/drive')"
    first = {"cell_type": "code", "source": [mount], "metadata": {"id": "xyz"}, "outputs": [], "execution_count": 1}
    notebook.cells.insert(0, first)
